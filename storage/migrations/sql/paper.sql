-- Paper: routes, bags and seals, every change of custody, transfers that wait for their receiver.

create function record_custody(p jsonb) returns void language plpgsql as $$
begin
  return;
end $$;

revoke execute on all functions in schema public from public;
