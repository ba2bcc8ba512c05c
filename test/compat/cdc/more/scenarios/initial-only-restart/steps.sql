insert into a values (5,'later',1);
-- @stop
-- @sleep 500
