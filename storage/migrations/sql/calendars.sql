-- Calendars: a version is law and never changes; a new one brings the recomputation of what it moves.
create trigger append_only before update or delete on calendar_version for each row execute function refuse_change();
create trigger append_only_all before truncate on calendar_version for each statement execute function refuse_change();

-- Publishes what a scope declares from now on. LT409: another version came in between; LT403: no administrator. The
-- draft of the scope ends with it, and its recomputation is waiting when this returns.
create function publish_calendar(of_scope text, base int, declared text, why text, person int, from_at timestamptz,
                                 moment timestamptz)
returns int language plpgsql security definer set search_path = public, pg_temp as $$
declare
  made int;
begin
  perform pg_advisory_xact_lock(7420, 1);
  if base is distinct from (select coalesce(max(id), 0) from calendar_version where scope = of_scope) then
    raise exception 'the calendar of % moved', of_scope using errcode = 'LT409';
  end if;
  if of_scope <> '' and not exists (select from agency where code = of_scope) then
    raise exception 'no agency %', of_scope using errcode = 'check_violation';
  end if;
  if not exists (
      select from membership m join person p on p.id = m.person_id and p.disabled_at is null
      where m.person_id = person and m.role = 'administrator'
        and (moment at time zone 'Asia/Ho_Chi_Minh')::date between m.valid_from and coalesce(m.valid_to, 'infinity')) then
    raise exception 'calendars are the business of administrators' using errcode = 'LT403';
  end if;
  insert into calendar_version (scope, number, content, sha256, reason, entered_by, entered_at)
  values (of_scope, (select coalesce(max(number), 0) + 1 from calendar_version where scope = of_scope), declared,
          encode(sha256(convert_to(declared, 'UTF8')), 'hex'), why, person, moment)
  returning id into made;
  insert into calendar_recompute (calendar_no, from_at) values (made, publish_calendar.from_at);
  delete from calendar_draft where scope = of_scope;
  update revision set number = number + 1;
  return made;
end $$;

-- What a new calendar moves, window by window of dossiers. Each dossier is compared by its audit head, as every act is; one
-- that is locked, or moved since it was read, is left for later. Returns those that were left.
--   job, after, passed, looked: the recomputation goes on from `after` to `passed`, having looked at so many dossiers; LT409
--     when somebody else took it on from there, or when the calendar is not the newest. `passed` null: of those left before
--   ids … told: a dossier, the head it had, its entry (none: only alarms change), its date; the unit that is told of a later one
--   c_…: clocks. c_items: the work that shows this date; 0: all work that has none of its own; null: none
--   t_…: the next alarm of clocks, or none. copied: some clock has its date in another table, too
--   bad_…: what could not be computed, and why
create function move_dues(job int, newest int, after bigint, passed bigint, looked int, who text, of_unit text,
  ids bigint[], seqs int[], heads bytea[], ats timestamptz[], told_details text[], hashes bytea[], dues timestamptz[],
  provisional boolean[], told int[], told_clock int[],
  c_ids bigint[], c_nos int[], c_items int[], c_olds timestamptz[], c_dues timestamptz[],
  t_ids bigint[], t_nos int[], t_kinds text[], t_ats timestamptz[], copied boolean,
  bad_ids bigint[], bad_whys text[])
returns bigint[] language plpgsql security definer set search_path = public, pg_temp as $$
declare
  free bigint[];
  busy bigint[] := '{}';
begin
  -- nobody waits for the disk: what a killed server forgets, dates and place reached alike, the job does again
  perform set_config('synchronous_commit', 'off', true);
  perform pg_advisory_xact_lock_shared(7420, 1);
  if newest < (select max(id) from calendar_version) then
    raise exception 'another calendar is in force' using errcode = 'LT409';
  end if;
  perform from calendar_recompute where calendar_no = job and finished_at is null
    and (passed is null or cursor = move_dues.after) for update;
  if not found then
    raise exception 'somebody else goes on with recomputation %', job using errcode = 'LT409';
  end if;
  free := array(select d.id from unnest(ids, seqs, heads) s(id, seq, head) join dossier d on d.id = s.id
    where d.audit_seq = s.seq and d.audit_head = s.head for no key update of d skip locked);
  if cardinality(free) < cardinality(ids) then
    busy := array(select unnest(ids) except select unnest(free));
  end if;
  -- by the dates before they move
  update work_item w set due_at = m.due from unnest(c_ids, c_items, c_olds, c_dues) m(id, item, old, due)
  where m.item > 0 and m.id <> all (busy) and w.dossier_id = m.id and w.no = m.item and w.due_at = m.old
    and w.closed_at is null;
  update work_item w set due_at = m.due from unnest(c_ids, c_items, c_olds, c_dues) m(id, item, old, due)
  where m.item = 0 and m.id <> all (busy) and w.dossier_id = m.id and w.due_at = m.old and w.closed_at is null
    and not exists (select from clock c where c.dossier_id = w.dossier_id and c.item_no = w.no and c.ended_at is null
                    and c.due_at = w.due_at);
  if copied then
    perform copy_dues(c_ids, c_nos, c_dues, busy);
  end if;
  update clock c set due_at = m.due, calendar_no = newest from unnest(c_ids, c_nos, c_dues) m(id, no, due)
  where m.id <> all (busy) and c.dossier_id = m.id and c.no = m.no;
  if array_position(t_kinds, null) is not null then
    delete from timer t using unnest(t_ids, t_nos, t_kinds) m(id, no, kind)
    where m.kind is null and m.id <> all (busy) and t.dossier_id = m.id and t.clock_no = m.no;
  end if;
  insert into timer (dossier_id, clock_no, kind, fires_at, attempts)
  select m.id, m.no, m.kind, m.at, 0 from unnest(t_ids, t_nos, t_kinds, t_ats) m(id, no, kind, at)
  where m.kind is not null and m.id <> all (busy)
  on conflict (dossier_id, clock_no) do update
    set kind = excluded.kind, fires_at = excluded.fires_at, attempts = 0, retry_at = null;
  insert into audit (dossier_id, seq, at, actor_name, unit_name, action, from_states, to_states, details, prev, hash)
  select m.id, m.seq + 1, m.at, who, of_unit, 'recompute_dues', '{}', '{}', m.details, m.head, m.hash
  from unnest(ids, seqs, heads, ats, told_details, hashes) m(id, seq, head, at, details, hash)
  where m.hash is not null and m.id <> all (busy);
  update dossier d set due_at = m.due, due_provisional = m.provisional, audit_seq = m.seq + 1, audit_head = m.hash
  from unnest(ids, seqs, hashes, dues, move_dues.provisional) m(id, seq, hash, due, provisional)
  where m.hash is not null and m.id <> all (busy) and d.id = m.id;
  insert into notice (dossier_id, clock_no, kind, about, unit_id, at)
  select m.id, m.clock, 'due_moved_later', m.due, m.unit, m.at
  from unnest(ids, ats, dues, told, told_clock) m(id, at, due, unit, clock)
  where m.unit is not null and m.id <> all (busy)
  on conflict (dossier_id, clock_no, kind, about, unit_id) do nothing;
  -- whoever is at work has less time than he was told; c_items 0 is the date of the dossier
  insert into notice (dossier_id, clock_no, kind, about, unit_id, at)
  select distinct m.id, m.no, 'due_moved_earlier', m.due, w.unit_id, e.at
  from unnest(c_ids, c_nos, c_items, c_olds, c_dues) m(id, no, item, old, due)
  join unnest(ids, ats) e(id, at) on e.id = m.id
  join work_item w on w.dossier_id = m.id and w.closed_at is null
  where m.item = 0 and m.due < m.old and m.id <> all (busy)
  on conflict (dossier_id, clock_no, kind, about, unit_id) do nothing;
  perform leave_dues(job, passed, bad_ids, bad_whys, ids, busy);
  update calendar_recompute set cursor = coalesce(passed, cursor), considered = considered + looked,
    failed = (select count(*) from calendar_left l where l.calendar_no = job and l.why is not null),
    moved = moved + (select count(distinct m.id) from unnest(c_ids, c_olds, c_dues) m(id, old, due)
                     where m.old <> m.due and m.id <> all (busy))
  where calendar_no = job;
  return busy;
end $$;

-- Where the date of a clock is shown by what it is the clock of.
create function copy_dues(ids bigint[], nos int[], dues timestamptz[], busy bigint[]) returns void language sql as $$
  with m as (select c.dossier_id, c.no, c.kind, c.item_no, n.due from unnest(ids, nos, dues) n(id, no, due)
             join clock c on c.dossier_id = n.id and c.no = n.no where n.id <> all (busy)),
    asked as (update consultation q set due_at = m.due from m
              where m.kind = 'consultation' and q.dossier_id = m.dossier_id and q.item_no = m.item_no),
    sent as (update handoff h set register_due_at = m.due from m
             where m.kind = 'handoff' and h.dossier_id = m.dossier_id and h.item_no = m.item_no
               and h.state in ('pending', 'delivered')),
    owed as (update obligation o set due_at = m.due from m
             where m.kind = 'obligation' and o.dossier_id = m.dossier_id and o.clock_no = m.no)
  update feedback f set due_at = m.due from m
  where m.kind = 'feedback' and f.dossier_id = m.dossier_id and f.clock_no = m.no
$$;

-- Keeps what was not moved, until it is; `passed` as in move_dues.
create function leave_dues(job int, passed bigint, bad_ids bigint[], bad_whys text[], ids bigint[], busy bigint[])
returns void language plpgsql as $$
begin
  if passed is null then
    delete from calendar_left l where l.calendar_no = job and l.dossier_id = any (ids) and l.dossier_id <> all (busy);
  end if;
  if cardinality(busy) + cardinality(bad_ids) > 0 then
    insert into calendar_left (calendar_no, dossier_id) select job, unnest(busy)
    on conflict (dossier_id, calendar_no) do update set why = null;
    insert into calendar_left (calendar_no, dossier_id, why)
    select job, m.id, m.why from unnest(bad_ids, bad_whys) m(id, why)
    on conflict (dossier_id, calendar_no) do update set why = excluded.why;
  end if;
end $$;

grant select on calendar_version, calendar_draft, calendar_recompute, calendar_left to lienthong_app, lienthong_auditor, lienthong_backup;
grant select on calendar_version_id_seq to lienthong_backup;
grant insert, update, delete on calendar_draft to lienthong_app;
grant delete on calendar_left to lienthong_app;
grant update (bundle_cursor, failed, started_at, finished_at, last_error) on calendar_recompute to lienthong_app;
revoke execute on all functions in schema public from public;
grant execute on function publish_calendar(text, int, text, text, int, timestamptz, timestamptz), move_dues(int, int, bigint,
  bigint, int, text, text, bigint[], int[], bytea[], timestamptz[], text[], bytea[], timestamptz[], boolean[], int[], int[],
  bigint[], int[], int[], timestamptz[], timestamptz[], bigint[], int[], text[], timestamptz[], boolean, bigint[], text[])
  to lienthong_app;
