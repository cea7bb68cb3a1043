package io.consoul.provider.openai;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.provider.CompletionSink;
import io.consoul.provider.CompletionStream;
import io.consoul.provider.Upstream;
import io.consoul.provider.Watchdog;
import io.consoul.provider.sse.SseParser;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request and its response. Whatever happens, the sink hears of one end, and a request that has not come to its own
 * end is reset: one that were left alone would keep its connection for ever.
 */
final class OpenAiStream implements CompletionStream {

  private static final Logger log = LoggerFactory.getLogger(OpenAiStream.class);

  /** How long after its last event a response may take to end, so that its connection can be used again. */
  private static final Duration LINGER = Duration.ofSeconds(2);

  private static final long CANCEL = 8;

  private final Upstream upstream;
  private final FaultReader faults;
  private final CompletionSink sink;
  private final SseParser parser = new SseParser();
  private final StreamReader reader;
  private final Watchdog watchdog;
  private Watchdog.Watch watch;
  private HttpClientRequest request;
  private HttpClientResponse response;
  private ErrorBody error;
  private boolean paused;
  private boolean ended;

  /** The sink has heard its last word, or wants to hear no more. */
  private boolean over;

  OpenAiStream(Upstream upstream, FaultReader faults, Watchdog watchdog, CompletionSink sink) {
    this.upstream = upstream;
    this.faults = faults;
    this.sink = sink;
    this.reader = new StreamReader(faults);
    this.watchdog = watchdog;
    this.watch = watchdog.watch(upstream.timeout(), this::silent);
  }

  /** Whether there is nobody left to answer. */
  boolean isOver() {
    return over;
  }

  /** There is a connection. */
  void send(HttpClientRequest connected, Buffer body) {
    request = connected;
    // Vert.x tells the same failure here and through the future, and logs it where nobody listens.
    request.exceptionHandler(failure -> {});
    if (over) {
      request.reset(CANCEL);
      return;
    }
    request.send(body).onSuccess(this::head).onFailure(this::lost);
  }

  /** There is no connection, or no longer one. */
  void lost(Throwable failure) {
    ended = true;
    if (over) {
      watch.close();
      return;
    }
    log.warn(
        "provider {} lost a request: {}", upstream.name(), failure.getClass().getSimpleName());
    if (failure instanceof ConnectionPoolTooBusyException) {
      fail(Fault.SERVER_BUSY.retryAfter(
          1, "all connections to the provider " + upstream.name() + " are in use"));
    } else if (error != null) {
      fail(error.fault());
    } else if (response != null) {
      endOfStream();
    } else {
      fail(Fault.LLM_UNAVAILABLE.because(
          "the provider " + upstream.name() + " could not be reached"));
    }
  }

  @Override
  public void pause() {
    if (paused || over) {
      return;
    }
    paused = true;
    watch.pause();
    if (response != null) {
      response.pause();
    }
  }

  @Override
  public void resume() {
    if (!paused || over) {
      return;
    }
    paused = false;
    watch.resume();
    if (response != null) {
      response.resume();
    }
  }

  @Override
  public void cancel() {
    if (over) {
      return;
    }
    over = true;
    watch.close();
    if (request != null) {
      request.reset(CANCEL);
    }
  }

  private void head(HttpClientResponse arrived) {
    response = arrived;
    watch.touch();
    response.exceptionHandler(this::lost);
    if (response.statusCode() < 200 || response.statusCode() > 299) {
      error = new ErrorBody(response, faults);
      error.read(this::fail);
    } else if (isEventStream()) {
      readStream();
    } else {
      log.warn("provider {} answered with no event stream", upstream.name());
      fail(faults.notAStream());
    }
    if (paused && !over) {
      response.pause();
    }
  }

  private boolean isEventStream() {
    String type = response.getHeader(HttpHeaders.CONTENT_TYPE);
    return type != null && type.toLowerCase(Locale.ROOT).startsWith("text/event-stream");
  }

  private void readStream() {
    response.handler(this::bytes);
    response.endHandler(last -> {
      ended = true;
      if (over) {
        watch.close();
      } else {
        endOfStream();
      }
    });
  }

  private void endOfStream() {
    parser.end(reader::read);
    sayWhatCame();
    conclude();
  }

  private void bytes(Buffer chunk) {
    if (over) {
      return;
    }
    watch.touch();
    try {
      parser.feed(chunk, reader::read);
    } catch (SseParser.Overflow overflow) {
      log.warn("provider {} sent an event without end", upstream.name());
      fail(Fault.LLM_UNAVAILABLE.because(
          "the provider " + upstream.name() + " sent something that cannot be read"));
      return;
    }
    sayWhatCame();
    if (reader.failure() != null || reader.isDone()) {
      conclude();
    }
  }

  /** What one read has brought travels as one piece. */
  private void sayWhatCame() {
    String text = reader.takeText();
    if (!text.isEmpty() && !over) {
      sink.text(text);
    }
  }

  /** Nothing more comes: either this is the answer, or it is not. */
  private void conclude() {
    if (over) {
      return;
    }
    if (reader.malformed() > 0) {
      log.warn(
          "provider {} sent {} malformed chunks, passed over", upstream.name(), reader.malformed());
    }
    FaultException shortcoming = reader.shortcoming();
    if (shortcoming != null) {
      fail(shortcoming);
      return;
    }
    over = true;
    watch.close();
    if (!ended) {
      letEnd();
    }
    sink.end(reader.finishReason(), reader.usage());
  }

  private void letEnd() {
    if (reader.isDone()) {
      response.resume();
      watch = watchdog.watch(LINGER, () -> request.reset(CANCEL));
    } else {
      request.reset(CANCEL);
    }
  }

  private void silent() {
    if (error != null) {
      fail(error.fault());
    } else if (reader.isFinished()) {
      conclude();
    } else {
      fail(Fault.LLM_TIMEOUT.because("the provider " + upstream.name()
          + (response == null ? " did not answer" : " fell silent") + " for "
          + upstream.timeout().toMillis() / 1000.0 + " s"));
    }
  }

  private void fail(FaultException fault) {
    if (!over) {
      cancel();
      sink.fail(fault);
    }
  }
}
