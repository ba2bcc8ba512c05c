-- @quiet
insert into dbz_signal values ('a1','execute-snapshot','{"data-collections":["public.t","public.nothing","public.keyless","public.missing","public.u"],"type":"incremental"}');
-- @quiet
