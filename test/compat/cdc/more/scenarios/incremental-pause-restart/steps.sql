-- @quiet
begin;
insert into dbz_signal values ('a1','execute-snapshot','{"data-collections":["public.t","public.u"],"type":"incremental"}');
insert into dbz_signal values ('a2','pause-snapshot','{}');
commit;
-- @quiet
insert into t values (60,'while paused');
-- @quiet
-- @stop
-- @resume
-- @quiet
