"""What another installation asked for with a dossier that it masters, for rows of lists."""

from __future__ import annotations

# A column of a row that has the dossier as `d`: procedure and step (null: to look at only) as texts in both languages,
# and the unit that sent it. Null for our own dossiers.
ASKED = """(select jsonb_build_object('procedure', k.task->'dossier'->'procedure'->'name',
    'step', k.task->'task'->'step', 'sender', k.task->'sender')
    from counterpart k where k.dossier_id = d.id and d.mirror is not null) as asked"""
