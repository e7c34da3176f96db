-- Recovery codes of another form: `otp_core::recovery::Set` in its version 2, which recognises another pepper, and
-- a state that is for recovery codes only. The check value needs the pepper, so rows of before cannot be turned
-- into it. They go, and a user gets another recovery code with the next enrolment.
DELETE FROM recovery_codes;
