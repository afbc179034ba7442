-- Clocks know whose calendar counts and with which one their due date was computed.

-- A new calendar takes this lock exclusively for the moment it appears, an act that writes clocks takes it shared: so no
-- clock is ever written with a calendar that was replaced before, and whoever recomputes afterwards sees every clock.
create or replace function record_rows(p jsonb) returns void language plpgsql as $$
begin
  if p->>'event' like 'alarm:%' then
    -- nobody was told that it rang: what a killed server forgets is still set, and rings again
    perform set_config('synchronous_commit', 'off', true);
  end if;
  if p ? 'enter' then
    insert into active_state select * from jsonb_populate_recordset(null::active_state, p->'enter');
  end if;
  if p ? 'open' then
    insert into work_item select * from jsonb_populate_recordset(null::work_item, p->'open');
  end if;
  if p ? 'clocks' then
    perform pg_advisory_xact_lock_shared(7420, 1);
    if (p->>'calendar_no')::int < (select max(id) from calendar_version) then
      raise exception 'another calendar is in force' using errcode = 'LT409';
    end if;
    insert into clock select * from jsonb_populate_recordset(null::clock, p->'clocks')
    on conflict (dossier_id, no) do update
      set marks = excluded.marks, due_at = excluded.due_at, ended_at = excluded.ended_at,
          calendar_no = excluded.calendar_no, expiry = excluded.expiry;
  end if;
  if p ? 'timers' then
    insert into timer select * from jsonb_populate_recordset(null::timer, p->'timers')
    on conflict (dossier_id, clock_no) do update
      set kind = excluded.kind, fires_at = excluded.fires_at, attempts = 0, retry_at = null, why = null;
  end if;
  insert into audit select * from jsonb_populate_recordset(null::audit, p->'audit');
  if p ? 'more' then
    perform record_more(p->'more');
  end if;
end $$;

-- What legal time brings with an act: written beside what was written before.
alter function record_more(jsonb) rename to record_rarer;

create function record_more(p jsonb) returns void language plpgsql as $$
begin
  perform record_rarer(p);
  if p ?| array['apology', 'apology_issued', 'judgement', 'feedback', 'supplement_leave', 'escalation'] then
    perform record_time(p);
  end if;
end $$;

create function record_time(p jsonb) returns void language plpgsql as $$
begin
  if p ? 'apology' then
    insert into apology select * from jsonb_populate_recordset(null::apology, p->'apology')
    on conflict (dossier_id, no) do update
      set original_due_at = excluded.original_due_at, proposed_due_at = excluded.proposed_due_at;
  end if;
  if p ? 'apology_issued' then
    -- what was drafted stays as it was drafted; without a draft the row is new
    insert into apology select * from jsonb_populate_recordset(null::apology, p->'apology_issued')
    on conflict (dossier_id, no) do update
      set original_due_at = excluded.original_due_at, new_due_at = excluded.new_due_at,
          issued_at = excluded.issued_at, issued_by = excluded.issued_by, seq = excluded.seq;
  end if;
  if p ? 'judgement' then
    -- the first end counts: what is corrected afterwards changes no verdict
    insert into judgement select * from jsonb_populate_recordset(null::judgement, p->'judgement')
    on conflict (dossier_id) do nothing;
  end if;
  if p ? 'feedback' then
    insert into feedback select * from jsonb_populate_recordset(null::feedback, p->'feedback')
    on conflict (dossier_id, no) do update
      set due_at = excluded.due_at, outcome = excluded.outcome, answered_by = excluded.answered_by,
          answered_at = excluded.answered_at, answer_seq = excluded.answer_seq;
  end if;
  if p ? 'supplement_leave' then
    insert into supplement_leave select * from jsonb_populate_recordset(null::supplement_leave, p->'supplement_leave')
    on conflict (dossier_id, no) do update set used_seq = excluded.used_seq;
  end if;
  if p ? 'escalation' then
    -- a notice for who holds one role in the unit, or with the due date as it stood
    insert into notice (dossier_id, clock_no, kind, about, unit_id, at, role, due_at)
    select dossier_id, clock_no, kind, about, unit_id, at, role, due_at
    from jsonb_populate_recordset(null::notice, p->'escalation')
    on conflict (dossier_id, clock_no, kind, about, unit_id) do nothing;
  end if;
end $$;

-- What the load of an act reads of few dossiers only, as bundle_of_part does.
create function feedback_of(dossier bigint) returns json language sql stable as $$
  select json_agg(f order by f.no) from feedback f where f.dossier_id = feedback_of.dossier
$$;
create function leaves_of(dossier bigint) returns json language sql stable as $$
  select json_agg(l order by l.no) from supplement_leave l where l.dossier_id = leaves_of.dossier
$$;

grant select on apology, judgement, feedback, supplement_leave, sweep, heartbeat to lienthong_app, lienthong_auditor, lienthong_backup;
grant select on sweep_id_seq to lienthong_backup;
grant insert, delete on sweep to lienthong_app;
grant usage on sequence sweep_id_seq to lienthong_app;
grant insert, update on heartbeat to lienthong_app;
grant update (why) on timer to lienthong_app;
revoke execute on all functions in schema public from public;
grant execute on function feedback_of(bigint), leaves_of(bigint) to lienthong_app;
