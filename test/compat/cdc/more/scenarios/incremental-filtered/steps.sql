-- @quiet
insert into dbz_signal values ('a1','execute-snapshot','{"data-collections":["public.t","public.u"],"type":"incremental"}');
-- @quiet
