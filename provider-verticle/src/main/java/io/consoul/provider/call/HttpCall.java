package io.consoul.provider.call;

import io.consoul.provider.Completion;
import io.consoul.provider.CompletionSink;
import io.consoul.provider.CompletionStream;
import io.consoul.provider.Upstream;
import io.consoul.provider.UpstreamFailure;
import io.consoul.provider.wire.Failures;
import io.consoul.trace.RequestContext;
import io.netty.handler.codec.DecoderException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import java.util.Locale;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One question and what its provider says to it. Whatever happens, the sink hears of one end, and of nothing after it. */
final class HttpCall implements CompletionStream, Exchange.Caller {

  private static final Logger log = LoggerFactory.getLogger(HttpCall.class);

  /** What comes over a connection comes in nobody's name. */
  private final RequestContext asking = RequestContext.current();

  private final Line line;
  private final Upstream.Times times;
  private final Failures failures;
  private final CompletionSink sink;
  private final AnswerBody answer;
  private final Patience patience;
  private final Exchange exchange;
  private HttpClientResponse response;
  private ErrorBody error;
  private boolean paused;

  /** The sink has heard its last word, or wants to hear no more. */
  private boolean over;

  /** @param onOver called once, when nothing is left of it */
  HttpCall(Line line, Completion completion, CompletionSink sink, Consumer<HttpCall> onOver) {
    this.line = line;
    this.times = line.upstream().times();
    this.failures = new Failures(line.upstream().name(), completion.model(), line.clock());
    this.sink = sink;
    this.answer = new AnswerBody(line, completion.model(), failures, sink, () -> !over);
    this.patience = new Patience(line.watchdog());
    this.exchange = new Exchange(line, completion, patience, this, () -> onOver.accept(this));
  }

  void begin() {
    if (over) {
      return;
    }
    patience.allow(times.call(), () -> fail(failures.tooLongInAll(times.call())));
    if (!exchange.begin()) {
      fail(failures.busy());
    }
  }

  @Override
  public void pause() {
    if (paused || over) {
      return;
    }
    paused = true;
    if (isStreaming()) {
      patience.pause();
      response.pause();
    }
  }

  @Override
  public void resume() {
    if (!paused || over) {
      return;
    }
    paused = false;
    if (isStreaming()) {
      patience.resume();
      response.resume();
    }
  }

  @Override
  public boolean isUnanswered() {
    return exchange.isSentAtOnce() && response == null;
  }

  @Override
  public void cancel() {
    if (!over) {
      settle();
      exchange.abandon();
    }
  }

  /** Leaves nothing behind, not even what is only waiting for the end of a response. */
  void close() {
    cancel();
    exchange.abandon();
  }

  @Override
  public void neverItsTurn() {
    fail(failures.busy());
  }

  @Override
  public void notConnected(boolean full) {
    fail(full ? failures.busy() : failures.unreachable());
  }

  @Override
  public void notAnswered() {
    exchange.doubtConnection();
    fail(failures.silent(false, times.firstByte()));
  }

  @Override
  public void notAsked(RuntimeException defect) {
    // Its message may quote the request.
    log.error(
        "no request to provider {}: {}",
        line.upstream().name(),
        defect.getClass().getName());
    fail(failures.broken());
  }

  @Override
  public void lost(Throwable failure) {
    if (!over) {
      asking.run(() -> broken(failure));
    }
  }

  private void broken(Throwable failure) {
    log.debug(
        "provider {} lost a request: {}",
        line.upstream().name(),
        failure.getClass().getSimpleName());
    if (error != null) {
      refused();
    } else if (response != null) {
      endOfStream();
    } else if (failure instanceof ConnectionPoolTooBusyException) {
      fail(failures.busy());
    } else {
      fail(isNoHttp(failure) ? failures.unreadable() : failures.unreachable());
    }
  }

  @Override
  public void answered(HttpClientResponse arrived) {
    response = arrived;
    if (response.statusCode() < 200 || response.statusCode() > 299) {
      readError();
    } else if (isStream()) {
      readStream();
    } else {
      fail(failures.notAStream());
    }
  }

  /** What came instead of a response's head. */
  private static boolean isNoHttp(Throwable failure) {
    return failure instanceof IllegalArgumentException
        || failure instanceof IllegalStateException
        || failure instanceof DecoderException;
  }

  private boolean isStreaming() {
    return response != null && error == null;
  }

  /** A response that does not say what it is may be one, and one without a body is an answer that ended early. */
  private boolean isStream() {
    String type = response.getHeader(HttpHeaders.CONTENT_TYPE);
    return type == null
        || type.isBlank()
        || response.statusCode() == 204
        || "0".equals(response.getHeader(HttpHeaders.CONTENT_LENGTH))
        || line.format().isStream(type.strip().toLowerCase(Locale.ROOT));
  }

  private void readError() {
    error = new ErrorBody(response, line.format(), failures);
    patience.step(line.grace().error(), this::refused);
    error.read(
        () -> {
          exchange.complete();
          refused();
        },
        this::refused);
  }

  private void refused() {
    if (!over) {
      asking.run(() -> fail(error.failure()));
    }
  }

  private void readStream() {
    if (Encoding.of(response.getHeader(HttpHeaders.CONTENT_ENCODING)) != Encoding.PLAIN) {
      fail(failures.unreadable());
      return;
    }
    patience.step(times.silence(), this::silent);
    response.handler(this::bytes);
    response.endHandler(last -> {
      exchange.complete();
      endOfStream();
    });
    if (paused) {
      patience.pause();
      response.pause();
    }
  }

  private void bytes(Buffer chunk) {
    if (over) {
      return;
    }
    patience.touch();
    UpstreamFailure unreadable = answer.feed(chunk);
    if (unreadable != null) {
      fail(unreadable);
    } else if (answer.isSettled()) {
      conclude();
    }
  }

  private void endOfStream() {
    if (over) {
      return;
    }
    UpstreamFailure unreadable = answer.end();
    if (unreadable != null) {
      fail(unreadable);
    } else {
      conclude();
    }
  }

  /** Nothing more comes: either this is the answer, or it is not. */
  private void conclude() {
    if (over) {
      return;
    }
    UpstreamFailure shortcoming = answer.shortcoming();
    if (shortcoming != null) {
      fail(shortcoming);
      return;
    }
    settle();
    if (!exchange.isOver()) {
      letEnd();
    }
    sink.end(answer.finishReason(), answer.usage());
  }

  private void letEnd() {
    if (answer.isDone()) {
      response.resume();
      patience.step(line.grace().end(), exchange::abandon);
    } else {
      exchange.abandon();
    }
  }

  private void silent() {
    exchange.doubtConnection();
    if (answer.isFinished()) {
      conclude();
    } else {
      fail(failures.silent(true, times.silence()));
    }
  }

  private void fail(UpstreamFailure failure) {
    if (!over) {
      asking.run(() -> {
        line.trunk().failures().failed(failure, line.clock());
        cancel();
        sink.fail(failure);
      });
    }
  }

  private void settle() {
    over = true;
    answer.countMalformed();
  }
}
