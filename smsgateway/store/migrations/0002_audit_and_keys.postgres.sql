CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql
AS 'BEGIN RAISE EXCEPTION ''the audit log is only added to''; END';

-- OR REPLACE also because scripts are split by SQLite's rules, in which CREATE TRIGGER goes on until an END.
CREATE OR REPLACE TRIGGER audit_keeps_entries BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to();
