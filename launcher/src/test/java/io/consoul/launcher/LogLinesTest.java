package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.joran.spi.JoranException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.consoul.launcher.logging.LogQueue;
import io.consoul.trace.RequestContext;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A line of the log")
class LogLinesTest {

  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String SPAN = "b7ad6b7169203331";
  private static final int LONG_MILLIS = 30_000;

  private final LoggerContext context = new LoggerContext();
  private final Vertx vertx = Vertx.vertx();

  @BeforeEach
  void start() {
    context.setMDCAdapter(new LogbackMDCAdapter());
    context.start();
  }

  @AfterEach
  void stop() {
    context.stop();
    vertx.close().await();
  }

  @Test
  @DisplayName("is a JSON object with its own level in it, and no other")
  void json() throws JoranException, IOException {
    JsonNode line = json(log -> log.warn("a \"message\""));

    assertThat(line.path("level").asText()).isEqualTo("WARN");
    assertThat(line.path("message").asText()).isEqualTo("a \"message\"");
    assertThat(line.has("request_id")).isFalse();
  }

  @Test
  @DisplayName("is text with time, level, class and message")
  void text() throws JoranException {
    assertThat(lines("text", log -> log.warn("a message")))
        .matches("\\d{4}-\\d\\d-\\d\\dT\\S+ WARN  Server a message\\R");
  }

  @Test
  @DisplayName("has the ids of the request within which it was written, in both forms")
  void ids() throws JoranException, IOException {
    Consumer<Logger> ofRequest = log -> inRequest(() -> log.warn("a message"));

    JsonNode json = json(ofRequest);

    assertThat(json.path("request_id").asText()).isEqualTo("r-1");
    assertThat(json.path("trace_id").asText()).isEqualTo(TRACE);
    assertThat(json.path("span_id").asText()).isEqualTo(SPAN);
    assertThat(lines("text", ofRequest))
        .endsWith("a message request_id=r-1 trace_id=" + TRACE + " span_id=" + SPAN
            + System.lineSeparator());
  }

  @Test
  @DisplayName(
      "has the fields that it was written with, in quotes where they could be taken for others")
  void fields() throws JoranException, IOException {
    Consumer<Logger> withFields = log -> log.atWarn()
        .addKeyValue("status", 200)
        .addKeyValue("agent", "a b\"c\nrequest_id=x")
        .addKeyValue("request_id", "own")
        .log("done");

    assertThat(lines("text", log -> inRequest(() -> withFields.accept(log))))
        .contains(" done status=200 agent=\"a b\\\"c\\u000arequest_id=x\" request_id=own trace_id=")
        .hasLineCount(1);
    JsonNode json = json(withFields);
    assertThat(json.path("status").asInt()).isEqualTo(200);
    assertThat(json.path("agent").asText()).isEqualTo("a b\"c\nrequest_id=x");
  }

  @Test
  @DisplayName("is one line, whatever names are in its message")
  void oneLine() throws JoranException {
    assertThat(lines(
            "text", log -> log.warn("{} failed", "x\n2026-01-01 ERROR forged\u2028\u001b[2J")))
        .endsWith(
            " x\\u000a2026-01-01 ERROR forged\\u2028\\u001b[2J failed" + System.lineSeparator())
        .hasLineCount(1);
  }

  @Test
  @DisplayName(
      "never makes who writes it wait: where nobody takes them some are dropped, warnings last, and that is told")
  void full() throws Exception {
    CountDownLatch taken = new CountDownLatch(1);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Logger log = log("text", new OutputStream() {
      @Override
      public void write(int one) {
        write(new byte[] {(byte) one}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int from, int length) {
        try {
          taken.await();
        } catch (InterruptedException stopped) {
          Thread.currentThread().interrupt();
        }
        out.write(bytes, from, length);
      }
    });

    long before = LogQueue.droppedInAll();
    for (int i = 0; i < 10_000; i++) {
      log.info("line");
    }
    log.warn("important");
    taken.countDown();
    // There has to be room for the line about those that were dropped.
    await().until(() -> queue().getNumberOfElementsInQueue() == 0);
    context.stop();

    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("important")
        .containsPattern("WARN  LogQueue lines of the log were dropped, .*: [1-9]\\d{3}\\R$")
        .endsWith(": " + (LogQueue.droppedInAll() - before) + System.lineSeparator());
  }

  /** As in the delivery of a message or a request. */
  private void inRequest(Runnable action) {
    SpanContext span =
        SpanContext.create(TRACE, SPAN, TraceFlags.getSampled(), TraceState.getDefault());
    ((VertxInternal) vertx)
        .createEventLoopContext()
        .<Void>executeBlocking(() -> {
          RequestContext.of("r-1", Span.wrap(span)).run(action);
          return null;
        })
        .await();
  }

  private JsonNode json(Consumer<Logger> writing) throws JoranException, IOException {
    return JsonMapper.builder()
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .build()
        .readTree(lines("json", writing));
  }

  private String lines(String format, Consumer<Logger> writing) throws JoranException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    writing.accept(log(format, out));
    context.stop(); // writes what is on its way
    context.start();
    return out.toString(StandardCharsets.UTF_8);
  }

  private Logger log(String format, OutputStream out) throws JoranException {
    context.putProperty("level", "INFO");
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    configurator.doConfigure(Logging.class.getResource("/logging/" + format + ".xml"));
    ((ConsoleAppender<ILoggingEvent>) queue().getAppender("console")).setOutputStream(out);
    queue()
        .setMaxFlushTime(
            LONG_MILLIS); // a busy machine may need more than the end of a process waits
    return context.getLogger("io.consoul.launcher.Server");
  }

  private LogQueue queue() {
    return (LogQueue) context.getLogger("ROOT").getAppender("queue");
  }
}
