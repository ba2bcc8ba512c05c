-- @produce {"topic":"kafka-readonly-signals","key":"kafka-readonly","value":{"id":"k1","type":"execute-snapshot","data":{"data-collections":["public.u"],"type":"INCREMENTAL"}}}
-- @quiet
insert into t values (55,'y');
-- @quiet
insert into t values (56,'y');
-- @quiet
insert into t values (57,'y');
-- @quiet
