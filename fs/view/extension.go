package view

import (
	"path"
	"strings"
)

// WithExtension is the name of a file, which gets the extension of its type where
// it has none: of the first of several types that is known, each by MIME's name or
// Apple's.
//
// Source: views.md section 2, rule 20.
func WithExtension(name string, types ...string) string {
	if isExtension(path.Ext(name)) {
		return name
	}
	return name + Extension(types...)
}

// isExtension says that what a name has behind its last dot looks like an
// extension, not like the rest of "Mr. Berg" or of "Plan 1.0".
func isExtension(ext string) bool {
	letters := 0
	for i := 1; i < len(ext); i++ {
		switch c := ext[i] | 0x20; {
		case c >= 'a' && c <= 'z':
			letters++
		case ext[i] < '0' || ext[i] > '9':
			return false
		}
	}
	return letters > 0 && len(ext) <= maxTypeExt
}

const maxTypeExt = 8 // bytes of an extension, with its dot

// Extension is the extension that files of a type have, with its dot: of the first
// of several types that is known, or "".
func Extension(types ...string) string {
	for _, t := range types {
		t, _, _ = strings.Cut(strings.ToLower(t), ";")
		if ext := extensions[strings.TrimSpace(t)]; ext != "" {
			return ext
		}
	}
	return ""
}

var extensions = map[string]string{
	"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp", "image/heic": ".heic", "image/heif": ".heif", "image/tiff": ".tiff",
	"video/mp4": ".mp4", "video/quicktime": ".mov", "video/3gpp": ".3gp", "video/x-m4v": ".m4v",
	"audio/mp4": ".m4a", "audio/x-m4a": ".m4a", "audio/mpeg": ".mp3", "audio/aac": ".aac", "audio/amr": ".amr", "audio/ogg": ".opus", "audio/x-caf": ".caf", "audio/wav": ".wav",
	"application/pdf": ".pdf", "application/zip": ".zip",
	"text/plain": ".txt", "text/html": ".html", "text/vcard": ".vcf", "text/x-vcard": ".vcf", "text/calendar": ".ics",

	"public.jpeg": ".jpg", "public.png": ".png", "com.compuserve.gif": ".gif", "org.webmproject.webp": ".webp", "public.heic": ".heic", "public.heif": ".heif", "public.tiff": ".tiff",
	"public.mpeg-4": ".mp4", "com.apple.quicktime-movie": ".mov", "public.3gpp": ".3gp", "com.apple.m4v-video": ".m4v",
	"com.apple.m4a-audio": ".m4a", "public.mpeg-4-audio": ".m4a", "public.mp3": ".mp3", "org.3gpp.adaptive-multi-rate-audio": ".amr", "com.apple.coreaudio-format": ".caf", "com.microsoft.waveform-audio": ".wav",
	"com.adobe.pdf": ".pdf", "public.zip-archive": ".zip",
	"public.plain-text": ".txt", "public.html": ".html", "public.vcard": ".vcf", "com.apple.ical.ics": ".ics",
}
