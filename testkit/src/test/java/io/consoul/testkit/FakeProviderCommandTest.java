package io.consoul.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(VertxExtension.class)
@DisplayName("The command of the fake provider")
class FakeProviderCommandTest {

  @Test
  @DisplayName("takes its port and its delay from the command line, and refuses anything else")
  void commandLine() {
    assertThat(FakeProviderCommand.parse(new String[0]))
        .isEqualTo(new FakeProviderCommand(9100, Duration.ofMillis(50), Duration.ZERO));
    assertThat(FakeProviderCommand.parse(new String[] {"--delay-ms", "0", "--port", "9200"}))
        .isEqualTo(new FakeProviderCommand(9200, Duration.ZERO, Duration.ZERO));
    assertThat(FakeProviderCommand.parse(
            new String[] {"--tokens-per-second", "40", "--first-token-ms", "300"}))
        .isEqualTo(new FakeProviderCommand(9100, Duration.ofMillis(25), Duration.ofMillis(300)));
    for (String[] wrong :
        new String[][] {{"--prot", "1"}, {"--port"}, {"--port", "x"}, {"--port", "70000"}}) {
      assertThatThrownBy(() -> FakeProviderCommand.parse(wrong))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  @DisplayName("tells how to point Consoul at each of its formats")
  void pointers(Vertx vertx) throws Exception {
    FakeProvider fake = FakeProvider.start(vertx).await(20, SECONDS);
    String root = "http://127.0.0.1:" + fake.port();

    assertThat(FakeProviderCommand.welcome(fake))
        .contains(
            "OPENAI_BASE_URL=" + root + "/v1 OPENAI_API_KEY=any CONSOUL_MODEL_NAME=openai/fake",
            "ANTHROPIC_BASE_URL=" + root
                + " ANTHROPIC_API_KEY=any CONSOUL_MODEL_NAME=anthropic/fake",
            "GOOGLE_BASE_URL=" + root + " GOOGLE_API_KEY=any CONSOUL_MODEL_NAME=google/fake",
            "OLLAMA_HOST=" + root + " CONSOUL_MODEL_NAME=ollama/fake");
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("names every fault, and each has a name of its own")
  void faults(FaultModel fault, Vertx vertx) throws Exception {
    FakeProvider fake = FakeProvider.start(vertx).await(20, SECONDS);
    assertThat(fault.model()).startsWith("fault-");
    assertThat(FaultModel.named(fault.model())).contains(fault);
    assertThat(FakeProviderCommand.welcome(fake)).contains(fault.model(), fault.description());
  }
}
