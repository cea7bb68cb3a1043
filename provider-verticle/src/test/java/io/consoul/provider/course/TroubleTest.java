package io.consoul.provider.course;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.fault.Fault;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("Of two things that went wrong")
class TroubleTest {

  @ParameterizedTest
  @CsvSource({
    "LLM_UNAVAILABLE,LLM_TIMEOUT,LLM_TIMEOUT",
    "LLM_UNAVAILABLE,CIRCUIT_BREAKER_OPEN,LLM_UNAVAILABLE",
    "CIRCUIT_BREAKER_OPEN,LLM_UNAVAILABLE,LLM_UNAVAILABLE",
    "CIRCUIT_BREAKER_OPEN,MODEL_CONFIG_ERROR,CIRCUIT_BREAKER_OPEN",
    "LLM_CONTEXT_TOO_LONG,LLM_RATE_LIMITED,LLM_RATE_LIMITED",
    "LLM_RATE_LIMITED,LLM_CONTEXT_TOO_LONG,LLM_RATE_LIMITED",
    "CIRCUIT_BREAKER_HALF_OPEN,CIRCUIT_BREAKER_OPEN,CIRCUIT_BREAKER_OPEN"
  })
  @DisplayName("the caller is told the one that is of more use")
  void told(Fault first, Fault second, Fault told) {
    Trouble trouble = new Trouble();
    trouble.note(first.because());
    trouble.note(second.because());
    assertThat(trouble.worst().fault()).isEqualTo(told);
  }
}
