package io.consoul.launcher.chat;

import java.time.Duration;

/** Says what is wrong between the user and the server, and what to do about it. */
record Trouble(String server, String session, boolean hasKey) {

  ChatFailure notThere() {
    return new ChatFailure("Nothing answers at " + server
        + ". Is Consoul running? Start it with ./consoul, or name another place with --url.");
  }

  /** There is no telling apart: no TLS, another TLS, another name, an issuer that is not known. */
  ChatFailure notTrusted() {
    return new ChatFailure("There is no TLS connection to " + server
        + ": its certificate is not one that Java trusts for this name, or it does not speak TLS."
        + " docs/http.md tells how to trust a certificate of your own.");
  }

  /** @param status the answer to the upgrade */
  ChatFailure refused(int status) {
    return new ChatFailure(
        switch (status) {
          case 400 -> "The server refuses this session id: it may have up to 128 characters.";
          case 401 ->
            hasKey
                ? "The server does not accept this API key. Check CONSOUL_API_KEY or --api-key."
                : "The server wants an API key. Set CONSOUL_API_KEY, or give --api-key.";
          case 403 ->
            "The server does not serve this caller. Without API keys it serves its own machine only, and"
                + " no proxy: call it from there, or set up API keys or CONSOUL_ALLOW_ANONYMOUS=true.";
          case 429, 503 ->
            "The server at " + server + " is too busy at the moment. Try again later.";
          default ->
            "There is no Consoul chat at " + server + ": the answer was status " + status
                + ". Check --url.";
        });
  }

  ChatFailure gaveUp(Duration after) {
    return new ChatFailure(server + " did not come back for " + after.toSeconds()
        + " s. When it is there again, ./consoul chat --session " + session
        + " goes on with this conversation.");
  }
}
