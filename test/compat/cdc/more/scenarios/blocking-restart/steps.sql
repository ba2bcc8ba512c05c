-- @quiet
insert into dbz_signal values ('b1','execute-snapshot','{"data-collections":["public.u"],"type":"blocking"}');
-- @quiet
-- @quiet
-- @stop
insert into t values (70,'down');
-- @resume
-- @quiet
