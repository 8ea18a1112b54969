"""Answers to the carrier: TwiML, whatever the status. A plain body may be texted to the person."""

from collections.abc import Sequence

from flask import Response
from twilio.twiml.messaging_response import MessagingResponse

CONTENT_TYPE = "text/xml; charset=utf-8"


def twiml(texts: Sequence[str], code: int = 200) -> Response:
    answer = MessagingResponse()
    for text in texts:
        answer.message(text)
    return Response(str(answer), code, content_type=CONTENT_TYPE)


SAYS_NOTHING = str(MessagingResponse())
