package io.consoul.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The fault catalogue")
class FaultTest {

  @Test
  @DisplayName("is the table of docs/errors.md")
  void documented() throws Exception {
    String table = Arrays.stream(Fault.values())
        .map(fault -> "| %s | %s | %d | %s | %s |"
            .formatted(
                fault.code(),
                fault.error(),
                fault.status(),
                fault.recoverable() ? "yes" : "no",
                fault.text()))
        .collect(Collectors.joining("\n"));

    assertThat(Files.readString(Path.of("../docs/errors.md"))).contains(table);
  }

  @Test
  @DisplayName("uses every code once")
  void codesAreUnique() {
    assertThat(Arrays.stream(Fault.values()).map(Fault::code)).doesNotHaveDuplicates();
  }

  @Test
  @DisplayName("knows a newer node's code as an unknown error")
  void newerCode() {
    assertThat(Fault.ofCode("E777")).isEqualTo(Fault.UNKNOWN_ERROR);
    assertThat(Fault.ofCode("E102")).isEqualTo(Fault.SESSION_LOCKED);
  }

  @Test
  @DisplayName("names the field that is wrong in the message and in the details")
  void field() {
    FaultException fault = Fault.FIELD_VALIDATION_FAILED.inField("model", "must not be empty");

    assertThat(fault).hasMessage("model must not be empty");
    assertThat(fault.details().getString("field")).isEqualTo("model");
    assertThat(fault.getStackTrace()).isEmpty();
  }

  @Test
  @DisplayName("tells the time until another try in whole seconds, never too early")
  void retryAfter() {
    assertThat(Fault.SERVER_BUSY.retryAfter(Duration.ZERO, "busy").retryAfter()).isEqualTo(1);
    assertThat(Fault.SERVER_BUSY.retryAfter(Duration.ofMillis(2_001), "busy").retryAfter())
        .isEqualTo(3);
    assertThat(Fault.SERVER_BUSY.retryAfter(Duration.ofSeconds(2), "busy").retryAfter())
        .isEqualTo(2);
  }
}
