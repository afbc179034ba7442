"""Couriers: routes and their runs, bags under seals, what was counted on arrival, what went wrong."""

from engine.courier.runs import Manifest, arrive, depart, draw_due_manifests, manifest, plan, plan_ahead

__all__ = ["Manifest", "arrive", "depart", "draw_due_manifests", "manifest", "plan", "plan_ahead"]
