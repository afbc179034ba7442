-- The time to register begins anew when another installation has received the hand-off.
create or replace function record_exchange(p jsonb) returns void language plpgsql as $$
declare
  told arrival;
begin
  if p ? 'counterpart' then
    insert into counterpart select * from jsonb_populate_recordset(null::counterpart, p->'counterpart')
    on conflict (dossier_id) do update
      set task = excluded.task, status = excluded.status, status_name = excluded.status_name, due_at = excluded.due_at,
          ended_at = excluded.ended_at, changed_at = excluded.changed_at;
  end if;
  if p ? 'handoff_note' then
    update handoff h set their_code = coalesce(n.their_code, h.their_code), recall_asked_at = n.recall_asked_at,
      register_due_at = coalesce(n.register_due_at, h.register_due_at)
    from jsonb_populate_recordset(null::handoff, p->'handoff_note') n where h.id = n.id;
  end if;
  if p ? 'pull' then
    insert into pull (document_id, dossier_id, peer_id, message_id, sha256, size, name, media_type, received, attempts)
    select document_id, dossier_id, peer_id, message_id, sha256, size, name, media_type, 0, 0
    from jsonb_populate_recordset(null::pull, p->'pull') on conflict (document_id) do nothing;
  end if;
  if p ? 'applied' then
    -- a message has its effect when it becomes applied, and never again; the next of its lane may follow
    for told in select * from jsonb_populate_recordset(null::arrival, p->'applied') loop
      update arrival a set state = 'applied', applied_at = told.applied_at, dossier_id = told.dossier_id, last_error = null,
        lease_until = null
      where a.peer_id = told.peer_id and a.message_id = told.message_id and a.state in ('waiting', 'parked');
      if not found then
        raise exception 'message % was applied before', told.message_id using errcode = 'LT410';
      end if;
      perform pass_lane(told.peer_id, told.message_id);
    end loop;
  end if;
end $$;
