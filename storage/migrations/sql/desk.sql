-- What the desk writes with an act: claims, letters, signatures, the tracking book, messages.

alter function record_more(jsonb) rename to record_later;

create function record_more(p jsonb) returns void language plpgsql as $$
begin
  perform record_later(p);
  if p ?| array['claim', 'forward', 'mention', 'letter', 'letter_comment', 'signature', 'book', 'message', 'quality'] then
    perform record_desk(p);
  end if;
end $$;

create function record_desk(p jsonb) returns void language plpgsql as $$
begin
  if p ? 'claim' then
    update work_item w set claimed_by = c.claimed_by, claimed_at = c.claimed_at
    from jsonb_populate_recordset(null::work_item, p->'claim') c where w.dossier_id = c.dossier_id and w.no = c.no;
  end if;
  if p ? 'forward' then
    -- to another unit of the same agency: the work goes on, its clock too
    update work_item w set unit_id = c.unit_id, role = c.role, claimed_by = c.claimed_by, claimed_at = c.claimed_at
    from jsonb_populate_recordset(null::work_item, p->'forward') c where w.dossier_id = c.dossier_id and w.no = c.no;
  end if;
  if p ? 'mention' then
    insert into mention select * from jsonb_populate_recordset(null::mention, p->'mention') on conflict do nothing;
  end if;
  if p ? 'letter' then
    insert into letter select * from jsonb_populate_recordset(null::letter, p->'letter')
    on conflict (dossier_id, no) do update
      set state = excluded.state, title = excluded.title, content = excluded.content, version = excluded.version,
          changed_by = excluded.changed_by, changed_at = excluded.changed_at, initialled_by = excluded.initialled_by,
          initialled_at = excluded.initialled_at, signed_by = excluded.signed_by, signed_at = excluded.signed_at,
          issued_by = excluded.issued_by, issued_at = excluded.issued_at, document_id = excluded.document_id,
          replaced_by = excluded.replaced_by;
    update dossier set letters = true where id = (p->'letter'->0->>'dossier_id')::bigint and letters is not true;
  end if;
  if p ? 'letter_comment' then
    insert into letter_comment select * from jsonb_populate_recordset(null::letter_comment, p->'letter_comment')
    on conflict (id) do update set settled_at = excluded.settled_at, settled_by = excluded.settled_by;
  end if;
  if p ? 'signature' then
    insert into signature select * from jsonb_populate_recordset(null::signature, p->'signature');
    update dossier set letters = true where id = (p->'signature'->0->>'dossier_id')::bigint and letters is not true;
  end if;
  if p ? 'book' then
    perform write_book(b.agency, b.year, b.dossier_id, b.at) from jsonb_populate_recordset(null::book_entry, p->'book') b;
  end if;
  if p ? 'message' then
    -- where to is what the applicant gave and what the colleague chose; whoever gave no address is told nothing
    insert into message (id, dossier_id, person_id, owner_unit_id, kind, channel, address, language, data, created_at,
                         next_attempt_at, attempts)
    select m.id, m.dossier_id, m.person_id, m.owner_unit_id, m.kind, m.channel, t.address,
           coalesce((select s.language from session s where s.person_id = m.person_id order by s.seen_at desc limit 1), 'vi'),
           m.data, m.created_at, m.next_attempt_at, 0
    from jsonb_populate_recordset(null::message, p->'message') m
    cross join lateral (
      select case m.channel when 'mail' then a.email when 'sms' then a.phone else '' end as address
      from applicant a where m.person_id is null and a.dossier_id = m.dossier_id
      union all
      select case m.channel when 'mail' then f.mail when 'sms' then f.phone else o.login end
      from preference f join person o on o.id = f.person_id and o.disabled_at is null
      where f.person_id = m.person_id and m.channel = any (f.channels) and m.kind <> all (f.unwanted)) t
    where t.address <> '' on conflict (id) do nothing;
  end if;
  if p ? 'quality' then
    update document f set quality = q.quality, reused_from = coalesce(q.reused_from, f.reused_from)
    from jsonb_populate_recordset(null::document, p->'quality') q where f.id = q.id;
  end if;
end $$;

-- The next line of the year's tracking book (Circular 01/2018 art. 10.2: numbered through, without gaps).
create function write_book(agency text, year int, dossier bigint, moment timestamptz) returns int language plpgsql as $$
declare n int;
begin
  insert into number_series as s (agency, series, period, last)
  values (write_book.agency, 'tracking', write_book.year::text, 1)
  on conflict on constraint number_series_pkey do update set last = s.last + 1 returning last into n;
  insert into book_entry (agency, year, no, dossier_id, at) values (write_book.agency, write_book.year, n, dossier, moment);
  return n;
end $$;

-- A letter's number in its agency's book of the year; asked again it is the same one. Without gaps: the number and the
-- letter that has it are one transaction.
create function take_number(dossier bigint, letter_no int, book text, year int) returns int
language plpgsql security definer set search_path = public, pg_temp as $$
declare n int; of_letter letter;
begin
  select * into of_letter from letter l where l.dossier_id = dossier and l.no = letter_no for update;
  if not found then raise exception 'no such letter' using errcode = 'no_data_found'; end if;
  if of_letter.number is not null then return of_letter.number; end if;
  insert into number_series as s (agency, series, period, last)
  values (of_letter.agency, 'book:' || take_number.book, take_number.year::text, 1)
  on conflict on constraint number_series_pkey do update set last = s.last + 1 returning last into n;
  update letter l set book = take_number.book, year = take_number.year, number = n
  where l.dossier_id = dossier and l.no = letter_no;
  return n;
end $$;

-- Codes set aside for a counter that may lose its network; they come from the same series as all others of the day.
create function take_block(block uuid, agency text, period text, unit int, person int, many int, moment timestamptz)
returns table (first_no int, last_no int) language plpgsql security definer set search_path = public, pg_temp as $$
declare n int;
begin
  if many not between 1 and 200 then raise exception 'a block has 1 to 200 codes' using errcode = 'check_violation'; end if;
  insert into number_series as s (agency, series, period, last)
  values (take_block.agency, 'dossier', take_block.period, many)
  on conflict on constraint number_series_pkey do update set last = s.last + many returning last into n;
  insert into code_block (id, agency, period, unit_id, person_id, first_no, last_no, taken_at)
  values (block, take_block.agency, take_block.period, unit, person, n - many + 1, n, moment);
  return query select n - many + 1, n;
end $$;

-- The id of a dossier whose code was set aside before.
create function take_reserved() returns bigint
language sql security definer set search_path = public, pg_temp as $$ select nextval('dossier_id_seq') $$;

-- Who stands in for whom: written anew whenever an absence begins, changes or ends.
create function stand_in(absences bigint[], rows jsonb) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  delete from membership where absence_id = any (absences);
  insert into membership (person_id, unit_id, role, valid_from, valid_to, for_person_id, absence_id, procedures)
  select m.person_id, m.unit_id, m.role, m.valid_from, m.valid_to, m.for_person_id, m.absence_id, coalesce(m.procedures, '{}')
  from jsonb_populate_recordset(null::membership, rows) m
  where m.for_person_id is not null and m.absence_id is not null;
end $$;

-- Dossiers that were received before there was a book stand in it too, in the order they were received.
insert into book_entry (agency, year, no, dossier_id, at)
select intake_agency, year, row_number() over (partition by intake_agency, year order by received_at, id), id, received_at
from (select d.*, extract(year from d.received_at at time zone 'Asia/Ho_Chi_Minh')::int as year
      from dossier d where d.received_at is not null) d;
insert into number_series (agency, series, period, last)
select agency, 'tracking', year::text, max(no) from book_entry group by agency, year;

-- What somebody has no more, nobody has in his place: gone at once, written anew for what is left of it.
create function lend_no_more() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if tg_table_name = 'membership' then
    delete from membership m where m.for_person_id = old.person_id and m.unit_id = old.unit_id and m.role = old.role
      and not exists (select from membership o where o.person_id = old.person_id and o.for_person_id is null
        and o.unit_id = m.unit_id and o.role = m.role and o.valid_from <= m.valid_from
        and coalesce(o.valid_to, 'infinity') >= m.valid_to);
  else
    delete from membership m where m.for_person_id is not null and new.id in (m.for_person_id, m.person_id);
  end if;
  return null;
end $$;
create trigger lend_no_more after update or delete on membership
  for each row when (old.for_person_id is null) execute function lend_no_more();
create trigger lend_no_more after update of disabled_at on person
  for each row when (new.disabled_at is not null) execute function lend_no_more();

create or replace function record_act(p jsonb) returns jsonb language plpgsql security definer set search_path = public, pg_temp as $$
declare
  d jsonb := p->'dossier';
  mine bigint := (d->>'id')::bigint;
  seen record;
  before jsonb;
begin
  if p ? 'request' then
    before := remember_request(p->'request');
    if before is not null then return before; end if;
  end if;
  select audit_seq, audit_head into seen from dossier where id = mine for no key update;
  if seen.audit_seq is distinct from (p->>'seen_seq')::int or seen.audit_head is distinct from (p->>'seen_head')::bytea then
    raise exception 'dossier % moved', mine using errcode = 'LT409';
  end if;
  if p ? 'exit' then
    delete from active_state where dossier_id = mine and state = any ((p->>'exit')::text[]);
  end if;
  if p ? 'close' then
    update work_item set closed_at = (p->>'at')::timestamptz, closed_by = (p->>'actor_id')::int, close_event = p->>'event',
      closed_for = (p->>'actor_for')::int
    where dossier_id = mine and no = any ((p->>'close')::int[]);
  end if;
  if p ? 'change' then
    update work_item w set available_at = c.available_at, due_at = c.due_at
    from jsonb_populate_recordset(null::work_item, p->'change') c where w.dossier_id = mine and w.no = c.no;
  end if;
  if p ? 'settle' then
    update outbox set sent_at = clock_timestamp(), lease_until = null
    where message_id = any ((p->>'settle')::uuid[]) and sent_at is null;
  end if;
  if p ? 'silence' then
    delete from timer where dossier_id = mine and clock_no = any ((p->>'silence')::int[]);
  end if;
  perform record_rows(p);
  update dossier set
    received_at = (d->>'received_at')::timestamptz, first_due_at = (d->>'first_due_at')::timestamptz,
    due_at = (d->>'due_at')::timestamptz, due_provisional = (d->>'due_provisional')::boolean,
    finished_at = (d->>'finished_at')::timestamptz, closed_at = (d->>'closed_at')::timestamptz,
    outcome = d->>'outcome', status = (d->>'status')::int, history = d->'history',
    supplements = (d->>'supplements')::int, version = (d->>'version')::int, item_no = (d->>'item_no')::int,
    clock_no = (d->>'clock_no')::int, handoff_seq = (d->>'handoff_seq')::int,
    audit_seq = (d->>'audit_seq')::int, audit_head = (d->>'audit_head')::bytea
  where id = mine;
  return null;
end $$;

create function letters_of(dossier bigint) returns json language sql stable as $$
  select json_agg(l order by l.no) from letter l where l.dossier_id = letters_of.dossier
$$;
create function signatures_of(dossier bigint) returns json language sql stable as $$
  select json_agg(s order by s.at) from signature s where s.dossier_id = signatures_of.dossier
$$;

grant select on absence, snooze, mention, letter, letter_comment, signature, signing_request, book_entry, reception_draft,
  code_block, upload, rating, rating_given, message, preference to lienthong_app, lienthong_backup;
grant select on absence, mention, letter, letter_comment, signature, book_entry, code_block, rating, rating_given, message
  to lienthong_auditor;
grant select on absence_id_seq to lienthong_backup;
grant usage on sequence absence_id_seq to lienthong_app;
grant insert, update (ended_at, ended_by, last_day) on absence to lienthong_app;
grant insert, update, delete on snooze, reception_draft, upload, preference, signing_request to lienthong_app;
grant update (read_at) on mention to lienthong_app;
grant insert on rating, rating_given, message to lienthong_app;
grant update (next_attempt_at, attempts, lease_until, sent_at, parked_at, last_error, closed_at, closed_by, closed_why)
  on message to lienthong_app;
revoke execute on all functions in schema public from public;
grant execute on function letters_of(bigint), signatures_of(bigint), take_number(bigint, int, text, int),
  take_block(uuid, text, text, int, int, int, timestamptz), take_reserved(), stand_in(bigint[], jsonb) to lienthong_app;
create trigger append_only before update or delete on signature for each row execute function refuse_change();
create trigger append_only before update or delete on book_entry for each row execute function refuse_change();

-- Open work of before knows the procedure and the desk of its dossier, too.
update work_item w set procedure = v.procedure, desk = d.intake_agency
from dossier d join procedure_version v on v.id = d.version_id where d.id = w.dossier_id and w.closed_at is null;
