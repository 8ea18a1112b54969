"""The store: SQL in files, two engines, one text. `open_store` gives the engine that the address names."""

from smsgateway.store.base import Row, Store, StoreProblem, StoreUnavailable, Transaction, Unmigratable
from smsgateway.store.opening import open_store

__all__ = ["Row", "Store", "StoreProblem", "StoreUnavailable", "Transaction", "Unmigratable", "open_store"]
