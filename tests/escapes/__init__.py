"""The adversarial suite: attempts to get out of the sandbox, a file for each kind.

A case is one attempt: a probe, run first where the wall is missing (the positive control, which must do
harm) and then in the sandbox (where it must not). One and the same judgement, `harm`, is passed on both, and
it looks at the host. A probe that never ran, or whose harm nobody would see, fails in its control. Beyond its
own harm every case holds what `harms.untouched` asks of the host. See `test_files.py` for how a case reads.
"""
