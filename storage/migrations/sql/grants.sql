-- Least privilege. The application reads everything, writes dossiers only through the functions above,
-- and keeps its own book-keeping tables itself. The auditor reads. Nobody but the owner creates anything.
revoke all on all tables in schema public from public;
revoke execute on all functions in schema public from public;
alter default privileges revoke execute on functions from public;

grant usage on schema public to lienthong_app, lienthong_auditor, lienthong_backup;
grant select on all tables in schema public to lienthong_app, lienthong_auditor, lienthong_backup;
grant select on all sequences in schema public to lienthong_backup;
revoke select on person from lienthong_auditor;
grant select (id, login, name, disabled_at) on person to lienthong_auditor;
revoke select on session from lienthong_auditor;

grant execute on function record_act(jsonb), record_receipt(jsonb), take_code(text, text), document_kept(text, text),
  draw_manifest(bigint, timestamptz, timestamptz) to lienthong_app;

grant insert on event_log to lienthong_app;
grant usage on sequence event_log_id_seq to lienthong_app;
grant insert, update, delete on session to lienthong_app;
grant update (attempts, next_attempt_at, lease_until, sent_at, parked_at, last_error) on outbox to lienthong_app;
grant update (attempts, retry_at) on timer to lienthong_app;
grant update (read_at) on notice to lienthong_app;
grant update (closed_at, closed_by) on incident to lienthong_app;
grant delete on idempotency to lienthong_app;
grant update (password_hash) on person to lienthong_app;
grant insert on courier_run to lienthong_app;
grant usage on sequence courier_run_id_seq to lienthong_app;
grant update (state, courier_id, listed_at, departed_at, arrived_at) on courier_run to lienthong_app;
