-- What `jobMoves` in packages/core/src/jobs/transitions.ts allows, taken several at a time: the stream may have left
-- some out. The statuses of an open job stand in the order in which it passes them.
create function check_job_move() returns trigger language plpgsql as $$
begin
  if old.status in ('completed', 'failed', 'cancelled') or new.status < old.status or new.version < old.version then
    raise exception 'job % cannot go from % (version %) to % (version %)',
      old.id, old.status, old.version, new.status, new.version
      using errcode = 'check_violation', constraint = 'jobs_moves', table = 'jobs';
  end if;
  return new;
end
$$;
--> statement-breakpoint
create trigger jobs_moves before update on jobs for each row
  when (old.status is distinct from new.status or old.version is distinct from new.version)
  execute function check_job_move();
