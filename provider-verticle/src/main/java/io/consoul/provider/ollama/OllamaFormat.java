package io.consoul.provider.ollama;

import io.consoul.config.Secret;
import io.consoul.provider.Completion;
import io.consoul.provider.UpstreamFailure;
import io.consoul.provider.wire.AnswerReader;
import io.consoul.provider.wire.Failures;
import io.consoul.provider.wire.WireFormat;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;

/** Ollama's own API, below a base URL without a path. It needs no key but in Ollama's cloud. */
public final class OllamaFormat implements WireFormat {

  private final OllamaRequest request = new OllamaRequest();

  @Override
  public String endpoint(Completion completion) {
    return "/api/chat";
  }

  @Override
  public void headers(MultiMap headers, Secret apiKey) {
    headers.set(HttpHeaders.ACCEPT, "application/x-ndjson");
    if (apiKey != null) {
      headers.set(HttpHeaders.AUTHORIZATION, "Bearer " + apiKey.reveal());
    }
  }

  @Override
  public Buffer body(Completion completion) {
    return request.write(completion);
  }

  /** An answer that comes as a whole, as {@code application/json}, is a stream of one line. */
  @Override
  public boolean isStream(String contentType) {
    return contentType.startsWith("application/x-ndjson")
        || contentType.startsWith("application/ndjson")
        || contentType.startsWith("application/json");
  }

  @Override
  public AnswerReader reader(Failures failures) {
    return new OllamaReader(failures);
  }

  @Override
  public UpstreamFailure refusal(Failures failures, int status, MultiMap headers, Buffer body) {
    return OllamaErrors.ofStatus(failures, status, headers, body);
  }
}
