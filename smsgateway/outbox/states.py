"""The states of a text, and which may follow which.

    planned ──▶ sending ──▶ sent
       ▲           │  └───▶ uncertain ──▶ sent
       │           │            │
       └───────────┴────────────┘   put back: surely not with the carrier
    planned ──▶ sent                 put back too soon: the carrier had it after all, and says so
    planned, sending, uncertain ──▶ cancelled (ours to end) or failed (the carrier's refusal, or we gave up)

The queries in `queries/outbox.sql` name the states a change may start from in their WHERE: a late or repeated
event finds no row and changes nothing.
"""

PLANNED, SENDING, UNCERTAIN, SENT, CANCELLED, FAILED = (
    "planned",
    "sending",
    "uncertain",
    "sent",
    "cancelled",
    "failed",
)
ENDED = frozenset({SENT, CANCELLED, FAILED})
OPEN = frozenset({PLANNED, SENDING, UNCERTAIN})

INVITATION, REMINDER = "invitation", "reminder"
"""What a text is for."""

# Why a visit got no text: at planning, or when its time came.
NO_CONSENT, OPTED_OUT, UNIT_PAUSED, NO_SCHEDULE = "no_consent", "opted_out", "unit_paused", "no_schedule"
SAMPLED_OUT, TOO_OLD, COOL_DOWN, DUPLICATE = "sampled_out", "too_old", "cool_down", "duplicate"
ANSWERED = "answered"  # a reminder that is no longer needed
ERASED = "erased"  # the person asked to be forgotten
RESTORED = "restored"  # due before a backup was put back: it may have gone out, and nobody is texted twice

INVITED = "invited"

SENDING_HALTED = "sending"
"""The halt that keeps every text where it is: our account or settings are at fault."""
CARRIER_HALTED = "carrier"
"""The halt while the carrier fails as a whole."""
RESTORED_HALT = "restored"
"""The halt after a restore, until `reconcile` has fetched the opt-outs that came after the backup."""
