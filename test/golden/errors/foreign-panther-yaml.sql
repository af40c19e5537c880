AnalysisType: rule
Filename: many_failures.py
RuleID: Many.Failures
Severity: Medium
Threshold: 10
DedupPeriodMinutes: 60
