-- @quiet
insert into dbz_signal values ('a1','execute-snapshot','{"data-collections":["public\\.(t|w)"],"type":"incremental","additional-conditions":[{"data-collection":"public.t","filter":"id % 2 = 0"},{"data-collection":"public.w","filter":"v <> ''w3''"}]}');
-- @quiet
insert into dbz_signal values ('a2','execute-snapshot','{"data-collections":["public.w"],"type":"incremental","surrogate-key":"s"}');
-- @quiet
