"""Which secret keys a database needs: without one of them people who opted out would be strangers, and texted."""

from datetime import datetime

from smsgateway.people.seal import BrokenSeal, Seal
from smsgateway.settings import Settings, SettingsProblem
from smsgateway.store import Store, Transaction
from smsgateway.store.values import moment_text

PREVIOUS = "SMSGATEWAY_PREVIOUS_SECRET_KEYS"


def seal_of(settings: Settings) -> Seal:
    """Raises `SettingsProblem` where no secret key is set."""
    return Seal(settings.needed_secret_key(), [key.get_secret_value() for key in settings.previous_secret_keys])


def check_keys(store: Store, seal: Seal, now: datetime) -> None:
    """Notes a key that this database sees for the first time; raises `SettingsProblem` where one is missing."""
    with store.read() as transaction:
        noted = require_keys(transaction, seal)
        if not noted:
            require_opening(transaction, seal)
    if seal.key.key_id not in noted:
        # All of them the first time: what was sealed before keys were noted may be under any.
        new = [seal.key] if noted else seal.keys
        ids = [{"key_id": key.key_id, "now": moment_text(now)} for key in new]
        store.write(lambda transaction: transaction.run_many("add_secret_key", ids))


def require_keys(transaction: Transaction, seal: Seal) -> set[str]:
    """The ids of the keys that the database needs; raises `SettingsProblem` where the seal lacks one."""
    noted = {row["key_id"] for row in transaction.rows("secret_keys")}
    if missing := noted - {key.key_id for key in seal.keys}:
        raise SettingsProblem(
            f"the database needs the secret key with the id {', '.join(sorted(missing))}, which is neither "
            f"SMSGATEWAY_SECRET_KEY nor among {PREVIOUS}: without it people who opted out are not recognised. Set it; "
            "after `key rotate` it may not be needed any more"
        )
    return noted


def require_opening(transaction: Transaction, seal: Seal) -> None:
    """A database from before keys were noted: any one number shows whether the key is right."""
    sealed = transaction.value("any_sealed_number")
    try:
        if sealed:
            seal.open(sealed)
    except BrokenSeal as problem:
        raise SettingsProblem(str(problem)) from None
