// Package usbmux talks to the daemon that shares a cable among programs: usbmuxd
// on Linux, Apple's own on macOS, netmuxd for phones over Wi-Fi. It lists and
// watches devices, connects to their ports, and reads and writes the pair
// records that the daemon keeps. What is said to a phone it does not know.
//
// Each call opens a connection of its own, ends when its context does, and
// within a bound of its own when nothing comes.
//
// A packet is a header of four little-endian uint32, length (of the whole),
// version 1, type 8, tag, and an XML property list. Source: libusbmuxd,
// usbmuxd client.c.
package usbmux
