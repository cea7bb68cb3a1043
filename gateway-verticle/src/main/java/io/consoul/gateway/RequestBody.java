package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * Reads the JSON body of a request within a limit and a time; what is too much is dropped while it arrives.
 *
 * <p>Not vertx-web's BodyHandler, for that one has a limit but no time, and does not tell a body that breaks off from
 * a failure of ours.
 */
final class RequestBody {

  private static final Pattern JSON = Pattern.compile(
      "application/([\\w.-]+\\+)?json\\s*(;\\s*charset\\s*=\\s*\"?utf-?8\"?\\s*)?(;\\s*)?",
      Pattern.CASE_INSENSITIVE);

  private final Vertx vertx;
  private final int maxBytes;
  private final Duration timeout;
  private final FieldLimits limits;

  /** @param limits of the fields in it */
  RequestBody(Vertx vertx, int maxBytes, Duration timeout, FieldLimits limits) {
    this.vertx = vertx;
    this.maxBytes = maxBytes;
    this.timeout = timeout;
    this.limits = limits;
  }

  /** The body's JSON object. Fails as {@link #read} does, and with E001 or E003 where it is none. */
  Future<Fields> fields(Exchange exchange) {
    return read(exchange).map(this::parsed);
  }

  /** As above for a request that may come without a body: then it is an empty object. */
  Future<Fields> optionalFields(Exchange exchange) {
    return readOptional(exchange).map(this::parsed);
  }

  /** To be called before the handler of the request returns; fails with E009, E006 or E001. */
  Future<Buffer> read(Exchange exchange) {
    HttpServerRequest request = exchange.request();
    String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
    if (type == null || !JSON.matcher(type.strip()).matches()) {
      return Future.failedFuture(Fault.UNSUPPORTED_MEDIA_TYPE.because(
          "Send the body in UTF-8 with the header Content-Type: application/json."));
    }
    if (announcesTooMuch(request)) {
      return Future.failedFuture(tooLarge());
    }
    if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
      request.response().writeContinue();
    }
    return collect(exchange);
  }

  private Future<Buffer> readOptional(Exchange exchange) {
    HttpServerRequest request = exchange.request();
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    boolean none = !request.headers().contains(HttpHeaders.TRANSFER_ENCODING)
        && (length == null || length.equals("0"));
    return none
        ? Future.succeededFuture(new JsonObject().toBuffer())
        : read(exchange).map(body -> body.length() == 0 ? new JsonObject().toBuffer() : body);
  }

  private Fields parsed(Buffer body) {
    return Fields.of(JsonText.object(body), limits);
  }

  private Future<Buffer> collect(Exchange exchange) {
    HttpServerRequest request = exchange.request();
    Promise<Buffer> promise = Promise.promise();
    Buffer body = Buffer.buffer();
    long timer = vertx.setTimer(timeout.toMillis(), id -> {
      exchange.closeAfterwards();
      promise.tryFail(Fault.INVALID_REQUEST_BODY.because(
          "The body did not arrive within " + timeout.toSeconds() + " seconds."));
    });
    request.handler(chunk -> {
      if (promise.future().isComplete()) {
        return;
      }
      if (body.length() + chunk.length() > maxBytes) {
        promise.tryFail(tooLarge());
      } else {
        body.appendBuffer(chunk);
      }
    });
    request.endHandler(end -> {
      // Its caller's key may have been withdrawn meanwhile, and that have been answered.
      if (exchange.isOver()) {
        promise.tryFail(Fault.INVALID_REQUEST_BODY.because("The request was answered before."));
      } else {
        exchange.observer().bodyRead();
        promise.tryComplete(body);
      }
    });
    request.exceptionHandler(broken -> promise.tryFail(
        Fault.INVALID_REQUEST_BODY.because("The body broke off or is not valid HTTP.")));
    return promise.future().onComplete(done -> vertx.cancelTimer(timer));
  }

  private boolean announcesTooMuch(HttpServerRequest request) {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    return length != null && (length.length() > 9 || Long.parseLong(length) > maxBytes);
  }

  private FaultException tooLarge() {
    return Fault.REQUEST_TOO_LARGE.because(
        "The request body is larger than " + maxBytes + " bytes.");
  }
}
