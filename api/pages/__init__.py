"""Pages for people: server-rendered, usable with the keyboard alone and without JavaScript."""

from fastapi import APIRouter

from api.pages import (
    absences,
    acts,
    answering,
    answers,
    apology,
    bulk,
    bundles,
    calendars,
    catalogue,
    clocks,
    courier,
    courier_phone,
    courier_routes,
    designer,
    deviations,
    dossier,
    evidence,
    exchange,
    feedback,
    handoffs,
    incidents,
    letters,
    messages,
    migrating,
    offline,
    payouts,
    portal,
    post,
    preferences,
    previews,
    printing,
    pulse,
    receipt,
    reception,
    reception_drafts,
    rehearsal,
    reports,
    returning,
    serving,
    signing_in,
    sweeps,
    timeliness,
    work,
)
from api.pages.assets import assets as warm
from api.pages.problems import failure, problem_page

__all__ = ["failure", "problem_page", "router", "warm"]

router = APIRouter()
for part in (serving, signing_in, work, bulk, reception_drafts, bundles, offline, reception, returning, receipt,
             apology, dossier, evidence, exchange, letters, clocks, acts, answering, answers, handoffs, incidents,
             courier_phone, courier_routes, courier, reports, deviations, feedback, sweeps, timeliness, rehearsal,
             designer, catalogue, calendars, migrating, printing, previews, pulse, absences, preferences, messages,
             post, payouts, portal):
    router.include_router(part.router)
