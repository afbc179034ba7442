-- What was recorded stays recorded: these tables take inserts only, from anybody, the owner included.
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $$;

create trigger append_only before update or delete on audit for each row execute function refuse_change();
create trigger append_only_all before truncate on audit for each statement execute function refuse_change();
create trigger append_only before update or delete on event_log for each row execute function refuse_change();
create trigger append_only_all before truncate on event_log for each statement execute function refuse_change();

-- The first due date is immutable; later ones are marks with reasons (DOMAIN: due history).
create function keep_first_due() returns trigger language plpgsql as $$
begin
  if old.first_due_at is not null and new.first_due_at is distinct from old.first_due_at then
    raise exception 'the first due date of dossier % is immutable', old.code using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger keep_first_due before update of first_due_at on dossier
  for each row when (old.first_due_at is distinct from new.first_due_at) execute function keep_first_due();
