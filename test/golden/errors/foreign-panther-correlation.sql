AnalysisType: correlation_rule
RuleID: Guessed.Then.In
Detection:
  - Sequence:
      - ID: failed
        RuleID: Failed.Login
