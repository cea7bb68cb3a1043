package io.consoul.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("The command of the fake OpenAI")
class FakeProviderCommandTest {

  @Test
  @DisplayName("takes its port and its delay from the command line, and refuses anything else")
  void commandLine() {
    assertThat(FakeProviderCommand.parse(new String[0]))
        .isEqualTo(new FakeProviderCommand(9100, Duration.ofMillis(50)));
    assertThat(FakeProviderCommand.parse(new String[] {"--delay-ms", "0", "--port", "9200"}))
        .isEqualTo(new FakeProviderCommand(9200, Duration.ZERO));
    for (String[] wrong :
        new String[][] {{"--prot", "1"}, {"--port"}, {"--port", "x"}, {"--port", "70000"}}) {
      assertThatThrownBy(() -> FakeProviderCommand.parse(wrong))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("names every fault, and each has a name of its own")
  void faults(FaultModel fault) {
    assertThat(fault.model()).startsWith("fault-");
    assertThat(FaultModel.named(fault.model())).contains(fault);
    assertThat(FakeProviderCommand.welcome("http://127.0.0.1:9100/v1"))
        .contains(fault.model(), fault.description());
  }
}
