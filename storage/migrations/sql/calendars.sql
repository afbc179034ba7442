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

grant select on calendar_version, calendar_draft, calendar_recompute to lienthong_app, lienthong_auditor, lienthong_backup;
grant select on calendar_version_id_seq to lienthong_backup;
grant insert, update, delete on calendar_draft to lienthong_app;
grant update (cursor, considered, moved, failed, started_at, finished_at, last_error) on calendar_recompute to lienthong_app;
revoke execute on all functions in schema public from public;
grant execute on function publish_calendar(text, int, text, text, int, timestamptz, timestamptz) to lienthong_app;
