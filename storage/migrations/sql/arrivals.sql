-- A message of a peer is stored in its lane, once; one call, so that the lane is locked no longer than it must be.
-- `first`: it was not here before; null where it, or its number, is here with other bytes. `expected`: the first number
-- that is missing; 0 where `most` are held already and no more are taken.
create function store_arrival(peer int, message uuid, of_thread text, number int, of_kind text, data bytea, hash text,
  came_at timestamptz, most int, out first boolean, out expected int, out received_at timestamptz)
language plpgsql as $$
declare
  next int;
  known int;
  same boolean;
begin
  -- whoever passes the lane on after an effect either sees what is stored here, or is waited for
  perform pg_advisory_xact_lock(hashtextextended(peer || ' in ' || of_thread, 6));
  insert into lane (peer_id, thread, expected) values (peer, of_thread, 1) on conflict do nothing;
  select l.expected into next from lane l where l.peer_id = peer and l.thread = of_thread;
  expected := first_missing(peer, of_thread, next);
  select count(*), coalesce(bool_and(a.message_id = message and a.sha256 = hash), true), min(a.received_at)
  into known, same, received_at
  from arrival a where a.peer_id = peer and (a.message_id = message or (a.thread = of_thread and a.no = number));
  received_at := coalesce(received_at, came_at);
  if known > 0 or number < next then
    first := case when known = 1 and same then false end;
    return;
  end if;
  first := true;
  if number > expected and (select count(*) from arrival a where a.peer_id = peer and a.thread = of_thread
      and a.no > expected) >= most then
    expected := 0;
    return;
  end if;
  insert into arrival (peer_id, message_id, thread, no, kind, envelope, sha256, received_at, state, attempts)
  values (peer, message, of_thread, number, of_kind, data, hash, came_at,
    case when number = next then 'waiting' else 'held' end, 0)
  on conflict do nothing;
  if not found then  -- the same message was stored in another lane at this very moment
    first := null;
    return;
  end if;
  expected := first_missing(peer, of_thread, next);
end $$;

-- The first number from `next` on that never came.
create function first_missing(peer int, of_thread text, next int) returns int language sql stable as $$
  with recursive run(no) as (
    select next
    union all
    select r.no + 1 from run r
    where exists (select from arrival a where a.peer_id = peer and a.thread = of_thread and a.no = r.no))
  select max(no) from run
$$;

revoke execute on all functions in schema public from public;
grant execute on function first_missing(int, text, int),
  store_arrival(int, uuid, text, int, text, bytea, text, timestamptz, int) to lienthong_app;
