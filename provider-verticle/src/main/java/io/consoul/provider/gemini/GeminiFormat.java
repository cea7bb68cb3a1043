package io.consoul.provider.gemini;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.consoul.config.Secret;
import io.consoul.provider.Completion;
import io.consoul.provider.UpstreamFailure;
import io.consoul.provider.wire.AnswerReader;
import io.consoul.provider.wire.Failures;
import io.consoul.provider.wire.WireFormat;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.net.URLEncoder;

/** Google Gemini's own API, below a base URL that ends in {@code /v1beta}. */
public final class GeminiFormat implements WireFormat {

  private static final String MODELS = "models/";

  private final GeminiRequest request = new GeminiRequest();

  @Override
  public String endpoint(Completion completion) {
    String model = modelOf(completion);
    // An encoder of forms: it differs from that of paths in the space only.
    String segment = URLEncoder.encode(model, UTF_8).replace("+", "%20");
    return "/" + MODELS + segment + ":streamGenerateContent?alt=sse";
  }

  @Override
  public void headers(MultiMap headers, Secret apiKey) {
    headers.set(HttpHeaders.ACCEPT, "text/event-stream");
    if (apiKey != null) {
      headers.set("x-goog-api-key", apiKey.reveal());
    }
  }

  @Override
  public Buffer body(Completion completion) {
    return request.write(completion.by(modelOf(completion)));
  }

  /** Without its parameter {@code alt}, which a proxy may lose, the stream is a JSON array of the same objects. */
  @Override
  public boolean isStream(String contentType) {
    return contentType.startsWith("text/event-stream")
        || contentType.startsWith("application/json");
  }

  @Override
  public AnswerReader reader(Failures failures) {
    return new GeminiReader(failures);
  }

  @Override
  public UpstreamFailure refusal(Failures failures, int status, MultiMap headers, Buffer body) {
    return GeminiErrors.ofStatus(failures, status, headers, body);
  }

  /** Google's own lists call them {@code models/…}. */
  private static String modelOf(Completion completion) {
    String model = completion.model();
    return model.startsWith(MODELS) ? model.substring(MODELS.length()) : model;
  }
}
