"""The demo's pages: the units' figures, and a phone on which to play the patient.

Public: a demonstration on invented data that listens on this machine alone. Production does not have these pages.
"""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from smsgateway.carriers.emulator import EmulatorServer
from smsgateway.demo import phone, start
from smsgateway.demo.figures import asking
from smsgateway.demo.words import LANGUAGES, Speech
from smsgateway.gateway import Gateway
from smsgateway.intake.organisation import Organisation, load_organisation

LONGEST_REPLY = 480


def demo_pages(gateway: Gateway, emulator: EmulatorServer) -> Blueprint:
    pages = Blueprint(
        "demo", __name__, template_folder="templates", static_folder="static", static_url_path="/demo/static"
    )

    def organisation() -> Organisation:
        with gateway.store.read() as transaction:
            return load_organisation(transaction)

    @pages.get("/")
    def home() -> ResponseReturnValue:
        speech = Speech(chosen_language())
        return page("start.html", speech, organisation(), **start.view(gateway, speech))

    @pages.get("/demo/phone")
    def clinic() -> ResponseReturnValue:
        county = organisation()
        return page("clinic.html", Speech(chosen_language()), county, units=asking(county))

    @pages.post("/demo/phone")
    def leave() -> ResponseReturnValue:
        county = organisation()
        unit, language = request.form.get("unit", ""), request.form.get("language", "")
        if unit not in {each.unit_id for each in asking(county)} or language not in LANGUAGES:
            return redirect(url_for(".clinic"), 303)
        return redirect(url_for(".handset", token=phone.leave_the_clinic(gateway, county, unit, language)), 303)

    @pages.get("/demo/phone/<token>")
    def handset(token: str) -> ResponseReturnValue:
        found = phone.view(gateway, emulator, token)
        if found is None:
            return page("gone.html", Speech(chosen_language()), organisation()), 404
        return page("phone.html", found.speech, organisation(), phone=found, token=token)

    @pages.post("/demo/phone/<token>")
    def reply(token: str) -> ResponseReturnValue:
        text = request.form.get("text", "").strip()[:LONGEST_REPLY]
        if text:
            phone.reply(gateway, emulator, organisation(), token, text)
        return redirect(url_for(".handset", token=token), 303)

    pages.after_request(never_kept)
    return pages


def chosen_language() -> str:
    """As asked for in the address, else as the browser prefers, else English."""
    asked = request.args.get("lang", "")
    return asked if asked in LANGUAGES else request.accept_languages.best_match(list(LANGUAGES), "en") or "en"


def page(template: str, speech: Speech, organisation: Organisation, **values: object) -> str:
    return render_template(
        f"demo/{template}",
        t=speech,
        lang=speech.language,
        languages=LANGUAGES,
        county=organisation.name_in(speech.language),
        **values,
    )


def never_kept(response: Response) -> Response:
    """Figures and conversations move: a browser asks anew, also when one goes back to them."""
    if request.endpoint != "demo.static":
        response.headers["Cache-Control"] = "no-store"
    return response
