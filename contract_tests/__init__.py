"""The contract: what both apps promise to a client, spoken only in HTTP."""

import pytest

pytest.register_assert_rewrite("contract_tests.expect")
