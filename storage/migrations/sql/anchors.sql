-- Anchors of all audit heads, kept outside the database. The application adds; nobody changes.
do $$
declare
  name text;
begin
  foreach name in array array['anchor', 'anchored_head', 'anchor_place', 'anchor_copy'] loop
    execute format('create trigger append_only before update or delete on %I '
                   'for each row execute function refuse_change()', name);
    execute format('create trigger append_only_all before truncate on %I '
                   'for each statement execute function refuse_change()', name);
  end loop;
end $$;

-- Never an older anchor, and never one with fewer dossiers, whoever writes it.
create function keep_anchors_rising() returns trigger language plpgsql as $$
declare
  last anchor;
begin
  select * into last from anchor order by no desc limit 1;
  if new.no <> coalesce(last.no, 0) + 1 or new.at <= last.at or new.heads < last.heads then
    raise exception 'anchor % may not follow anchor %', new.no, last.no using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger keep_anchors_rising before insert on anchor for each row execute function keep_anchors_rising();

grant select on anchor, anchored_head, anchor_place, anchor_copy to lienthong_app, lienthong_auditor, lienthong_backup;
grant insert on anchor, anchored_head, anchor_place, anchor_copy to lienthong_app;

revoke execute on all functions in schema public from public;
