package io.consoul.provider.call;

import io.consoul.provider.Completion;
import io.consoul.provider.Upstream;
import io.consoul.provider.Watchdog;
import io.consoul.provider.wire.WireFormat;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.time.InstantSource;

/**
 * What all calls of one verticle instance to one provider have in common.
 *
 * @param context of the instance
 */
record Line(
    Upstream upstream,
    WireFormat format,
    MultiMap headers,
    Context context,
    HttpClient client,
    Trunk trunk,
    CallMeters meters,
    Watchdog watchdog,
    Grace grace,
    InstantSource clock) {

  /** A connection for this request. Redirects are not followed: they would take the key elsewhere. */
  Future<HttpClientRequest> request(Completion completion) {
    return client.request(new RequestOptions()
        .setMethod(HttpMethod.POST)
        .setAbsoluteURI(upstream.baseUrl().of(format.endpoint(completion)))
        .setFollowRedirects(false)
        .setHeaders(headers));
  }
}
