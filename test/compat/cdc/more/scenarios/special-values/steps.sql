insert into s values (3,'-Infinity','NaN','Infinity',0,'');
update s set n='NaN' where id=3;
