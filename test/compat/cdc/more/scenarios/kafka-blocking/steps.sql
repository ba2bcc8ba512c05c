-- @produce {"topic":"kafka-blocking-signals","key":"someone-else","value":{"id":"k0","type":"execute-snapshot","data":{"data-collections":["public.t"],"type":"INCREMENTAL"}}}
-- @produce {"topic":"kafka-blocking-signals","key":"kafka-blocking","value":{"id":"k1","type":"execute-snapshot","data":{"data-collections":["public.u"],"type":"BLOCKING"}}}
-- @quiet
-- @quiet
insert into dbz_signal values ('z1','execute-snapshot','{"data-collections":["public.t"],"type":"incremental"}');
insert into t values (55,'y');
-- @quiet
