package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.joran.spi.JoranException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A line of the log")
class LogLinesTest {

  private final LoggerContext context = new LoggerContext();

  @BeforeEach
  void start() {
    context.setMDCAdapter(new LogbackMDCAdapter());
    context.start();
  }

  @AfterEach
  void stop() {
    context.stop();
  }

  @Test
  @DisplayName("is a JSON object with its own level in it, and no other")
  void json() throws JoranException, IOException {
    JsonMapper strict = JsonMapper.builder()
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .build();

    JsonNode line = strict.readTree(line("json", "a \"message\""));

    assertThat(line.path("level").asText()).isEqualTo("WARN");
    assertThat(line.path("message").asText()).isEqualTo("a \"message\"");
  }

  @Test
  @DisplayName("is text with time, level, class and message")
  void text() throws JoranException {
    assertThat(new String(line("text", "a message"), StandardCharsets.UTF_8))
        .matches("\\d{4}-\\d\\d-\\d\\dT\\S+ WARN  Server a message\\R");
  }

  private byte[] line(String format, String message) throws JoranException {
    context.putProperty("level", "INFO");
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    configurator.doConfigure(Logging.class.getResource("/logging/" + format + ".xml"));
    ConsoleAppender<ILoggingEvent> console =
        (ConsoleAppender<ILoggingEvent>) context.getLogger("ROOT").getAppender("console");
    return console
        .getEncoder()
        .encode(new LoggingEvent(
            "caller",
            context.getLogger("io.consoul.launcher.Server"),
            Level.WARN,
            message,
            null,
            null));
  }
}
