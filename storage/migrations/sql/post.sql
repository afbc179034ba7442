-- Post: papers taken in by post, results sent by post with proof, money paid out at home.

create function record_post(p jsonb) returns void language plpgsql as $$
begin
  return;
end $$;

revoke execute on all functions in schema public from public;
