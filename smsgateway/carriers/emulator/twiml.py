"""The messages in a TwiML answer (https://www.twilio.com/docs/messaging/twiml)."""

from dataclasses import dataclass, field
from xml.etree import ElementTree as ET


class BadTwiml(ValueError):
    """The answer to a webhook is not TwiML that Twilio would take."""


@dataclass(frozen=True, slots=True)
class Said:
    """One `<Message>`: its text, and the address it wants delivery statuses at ("" for none)."""

    text: str = field(repr=False)
    callback: str = ""


def messages_in(answer: str, content_type: str) -> list[Said]:
    """What the person is told. A text/plain answer is texted as it is, be it an error page."""
    if content_type == "text/plain":
        return [Said(answer)] if answer else []
    try:
        root = ET.fromstring(answer)  # noqa: S314 (our own service wrote it)
    except ET.ParseError as error:
        raise BadTwiml(f"the webhook's answer is not XML: {error}") from None
    if root.tag != "Response":
        raise BadTwiml(f"the webhook's answer begins with <{root.tag}> in place of <Response>")
    return [_said(element) for element in root.iter("Message")]


def _said(element: ET.Element) -> Said:
    bodies = element.findall("Body")
    text = "".join("".join(body.itertext()) for body in bodies) if bodies else (element.text or "")
    return Said(text.strip(), element.get("statusCallback") or element.get("action") or "")
