"""A Twilio-compatible service inside the application: same REST API, same signed webhooks, faults on demand.

It is reached by the same client over real HTTP, so demo, tests and production run one code path.
"""

from smsgateway.carriers.emulator.faults import (
    AcceptThenBreak,
    AcceptThenDrop,
    Break,
    CallbacksBackwards,
    CallbacksTwice,
    Delay,
    DropBefore,
    Fault,
    NoCallbacks,
    Refuse,
    Stuck,
    Undelivered,
)
from smsgateway.carriers.emulator.messages import Message
from smsgateway.carriers.emulator.server import EmulatorServer
from smsgateway.carriers.emulator.service import Answered, Configuration
from smsgateway.carriers.emulator.twiml import BadTwiml

__all__ = [
    "AcceptThenBreak",
    "AcceptThenDrop",
    "Answered",
    "BadTwiml",
    "Break",
    "CallbacksBackwards",
    "CallbacksTwice",
    "Configuration",
    "Delay",
    "DropBefore",
    "EmulatorServer",
    "Fault",
    "Message",
    "NoCallbacks",
    "Refuse",
    "Stuck",
    "Undelivered",
]
