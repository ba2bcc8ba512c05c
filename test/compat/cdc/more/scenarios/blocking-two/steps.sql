-- @quiet
insert into t values (100,'s');
-- @quiet
insert into dbz_signal values ('b1','execute-snapshot','{"data-collections":["public.t","public.u"],"type":"blocking","additional-conditions":[{"data-collection":"public.t","filter":"SELECT * FROM public.t WHERE id < 4"}]}');
-- @quiet
-- @quiet
