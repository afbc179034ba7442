-- Partners without a system: links by mail and printed slips that answer a hand-off.

create function record_links(p jsonb) returns void language plpgsql as $$
begin
  if p ? 'link' then
    -- a mail that never left goes nowhere any more: its link would open beside the new one
    update message m set closed_at = n.made_at, closed_why = 'Đã gửi lại bằng thư khác'
    from link l join jsonb_populate_recordset(null::link, p->'link') n on n.handoff_id = l.handoff_id
    where m.id = l.message_id and m.id is distinct from n.message_id and m.sent_at is null and m.closed_at is null;
    insert into link (handoff_id, dossier_id, from_unit_id, way, made_at, expires_at, message_id)
    select handoff_id, dossier_id, from_unit_id, way, made_at, expires_at, message_id
    from jsonb_populate_recordset(null::link, p->'link')
    on conflict (handoff_id) do update set way = excluded.way, made_at = excluded.made_at,
      expires_at = excluded.expires_at, message_id = excluded.message_id;
    -- what was mailed before may have gone to a wrong address
    delete from link_key k using jsonb_populate_recordset(null::link, p->'link') n where k.handoff_id = n.handoff_id;
  end if;
  if p ? 'link_mail' then
    insert into message (id, dossier_id, owner_unit_id, kind, channel, address, language, data, created_at,
                         next_attempt_at, attempts)
    select m.id, m.dossier_id, m.owner_unit_id, m.kind, m.channel, a.mail, 'vi', m.data, m.created_at, m.created_at, 0
    from jsonb_populate_recordset(null::message, p->'link_mail') m
    join handoff h on h.id = (m.data->>'handoff')::uuid join agency a on a.code = h.to_agency
    on conflict (id) do nothing;
  end if;
  if p ? 'link_answer' then
    -- a slip that nobody printed had none: it is made when its receipt is entered, and closed by its answer
    insert into link (handoff_id, dossier_id, from_unit_id, way, made_at, closed_at, answered_at, answer)
    select handoff_id, dossier_id, from_unit_id, 'paper', made_at, closed_at, answered_at, answer
    from jsonb_populate_recordset(null::link, p->'link_answer')
    on conflict (handoff_id) do update set answered_at = excluded.answered_at, answer = excluded.answer;
  end if;
end $$;

-- However the work ends (answered by whom ever, refused, recalled, withdrawn, stopped): nobody waits for the answer.
create function close_link() returns trigger language plpgsql as $$
begin
  update link l set closed_at = new.closed_at where l.handoff_id = new.handoff_id and l.closed_at is null;
  return null;
end $$;
create trigger close_link after update of closed_at on work_item for each row
  when (new.handoff_id is not null and old.closed_at is null and new.closed_at is not null and new.duty <> 'resolve')
  execute function close_link();

-- What was not taken anywhere yet goes the way its agency has now.
create function send_anew(agency_code text) returns int
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  many int;
begin
  update outbox o set sent_at = null, parked_at = null, attempts = 0, next_attempt_at = clock_timestamp(), lease_until = null
  from handoff h where h.id = o.message_id and h.to_agency = agency_code and h.state = 'pending' and o.peer_id is null;
  get diagnostics many = row_count;
  return many;
end $$;

grant select on link, link_key to lienthong_app, lienthong_backup;
grant select on link to lienthong_auditor;
grant insert on link_key to lienthong_app;
revoke execute on all functions in schema public from public;
grant execute on function send_anew(text) to lienthong_app;
